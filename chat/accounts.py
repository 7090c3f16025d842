"""Whether people must log in, and who may: read from the environment, before Chainlit is loaded."""

import hmac
import os

PASSWORD_VARIABLE = "COMPASS_PASSWORD"
USERS_VARIABLE = "COMPASS_USERS"


def has_password() -> bool:
    """Whether one password for the team is set."""
    return bool(os.environ.get(PASSWORD_VARIABLE))


def has_oauth() -> bool:
    """Whether an OAuth provider is set as Chainlit reads it: OAUTH_GITHUB_CLIENT_ID and its secret, say."""
    ids = [name for name in os.environ if name.startswith("OAUTH_") and name.endswith("_CLIENT_ID")]
    return any(
        os.environ[name] and os.environ.get(name.removesuffix("_CLIENT_ID") + "_CLIENT_SECRET")
        for name in ids
    )


def is_password(given: str) -> bool:
    """Whether this is the password, compared in a time that tells nothing."""
    return has_password() and hmac.compare_digest(given.encode(), os.environ[PASSWORD_VARIABLE].encode())


def may_enter(identifier: str) -> bool:
    """Whether this account is among COMPASS_USERS; everybody is where it is not set."""
    listed = [name.strip().casefold() for name in os.environ.get(USERS_VARIABLE, "").split(",")]
    return not any(listed) or identifier.casefold() in listed
