"""Log-in, and the list of conversations that comes with it.

Without accounts the chat binds to loopback and keeps no list: there is nobody to whom one would belong.
"""

from collections.abc import Awaitable, Callable

import chainlit as cl

from chat.accounts import has_oauth, has_password, is_password, may_enter
from chat.threads import Threads
from compass.store import Store


def configure_history(store: Callable[[], Awaitable[Store]]) -> None:
    """Register the log-ins that the environment asks for, and with them the list of conversations."""
    if has_password():
        cl.password_auth_callback(check_password)
    if has_oauth():
        cl.oauth_callback(accept_oauth)
    if has_password() or has_oauth():
        cl.data_layer(lambda: Threads(store))


async def check_password(username: str, password: str) -> cl.User | None:
    """One password for the team; the name tells whose conversations are whose."""
    name = username.strip()
    return cl.User(identifier=name) if name and is_password(password) and may_enter(name) else None


async def accept_oauth(
    provider_id: str,
    token: str,
    raw_user_data: dict[str, str],
    default_user: cl.User,
    id_token: str | None = None,
) -> cl.User | None:
    """Whoever the provider vouches for, if this Compass is for them."""
    return default_user if may_enter(default_user.identifier) else None
