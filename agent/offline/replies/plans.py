"""Words for plans: what was understood, what is recommended, what it would take where nothing fits."""

from agent.offline.replies.markdown import paragraphs, quoted, section
from agent.offline.replies.options import headline, table
from compass.planning import (
    Plan,
    Rejection,
    Specification,
    assumption_words,
    field_label,
    field_value,
    load_words,
    relaxation_words,
    target_words,
    tipping_words,
)
from compass.planning import understood as need_words


def understood(specification: Specification) -> str:
    """The need, the targets and the load, and which of them the user stated."""
    lines = [
        f"**Understood** {need_words(specification)}",
        f"**Targets {specification.percentile}** {' · '.join(target_words(specification))}",
        f"**Load** {load_words(specification)}",
    ]
    return "  \n".join(lines)


def recommended(plan: Plan) -> str:
    """The options of a plan, most important first, or why there is none."""
    if not plan.options:
        return not_possible(plan)
    others = plan.options[1:6]
    return paragraphs(
        headline(plan.options[0]),
        table(others) if others else "",
        remarks_of(plan),
        why_not_line(plan),
        tipping_line(plan),
        question_line(plan),
        f"`{plan.plan_id}` · say *deploy it*, *deploy the cheapest*, *explain*, *show the yaml*, "
        "or change anything.",
    )


def changed(plan: Plan) -> str:
    """What a follow-up changed against the plan before it."""
    if not plan.base_plan_id or not plan.differences:
        return ""
    rows = [
        f"| {field_label(d.field)} | {field_value(d.field, d.before)} | {field_value(d.field, d.after)} |"
        for d in plan.differences
    ]
    return "\n".join(
        [f"**Changed** against `{plan.base_plan_id}`\n", "| | before | now |", "|---|---|---|", *rows]
    )


def impossible(plan: Plan) -> str:
    """A plan in which nothing fits: what was asked, why nothing fits, and the nearest that does."""
    return paragraphs(understood(plan.specification), not_possible(plan))


def not_possible(plan: Plan) -> str:
    """Why nothing fits, and the nearest that does."""
    nearest = [relaxation_words(relaxation) for relaxation in plan.relaxations]
    return paragraphs(
        f"**Not possible as asked**: {plan.impossible or 'nothing holds every target'}.",
        remarks_of(plan),
        section("Why:", (rejection_words(rejection) for rejection in plan.rejected[:4])),
        section("Nearest that works:", nearest or ["no single change makes it possible"]),
    )


def rejection_words(rejection: Rejection, examples: int = 2) -> str:
    """How many configurations were rejected for one reason, with examples."""
    return f"{rejection.reason}: {rejection.count:,}, for example {'; '.join(rejection.examples[:examples])}"


def targets(specification: Specification) -> str:
    """The specification alone, with its assumptions."""
    assumed = (assumption_words(assumption) for assumption in specification.assumptions)
    return paragraphs(
        understood(specification), section("**Assumed**", assumed), quoted(specification.remarks)
    )


def unchanged(plan: Plan) -> str:
    """A message in which nothing was found to plan by."""
    stands = headline(plan.options[0]) if plan.options else "It is still not possible as asked."
    return paragraphs(
        f"I found nothing in that message that changes `{plan.plan_id}`, so it stays as it is:",
        stands,
        "Name what should change (*10,000 users*, *only H200*, *answers within 300 ms*), or say *help*.",
    )


def unknown_option(plan: Plan) -> str:
    """The message names an option that is not in the plan."""
    return f"`{plan.plan_id}` has no such option. Say *show all options* to see those that it has."


def why_not_line(plan: Plan) -> str:
    """The commonest reasons why other configurations were rejected, in a line."""
    shown = [f"{rejection.reason} ({rejection.count:,})" for rejection in plan.rejected[:3]]
    return f"**Why not the others** {' · '.join(shown)}" if shown else ""


def tipping_line(plan: Plan) -> str:
    """Where the recommendation changes."""
    points = [tipping_words(point) for point in plan.tipping_points]
    return f"**Would change** {' · '.join(points)}" if points else ""


def question_line(plan: Plan) -> str:
    """The clarifying question, with what each answer would change."""
    if plan.question is None:
        return ""
    answers = " · ".join(f"*{answer.answer}* → {answer.then}" for answer in plan.question.answers)
    return f"**To be surer** {plan.question.text} {answers}"


def remarks_of(plan: Plan) -> str:
    """Remarks that the user should read."""
    return quoted((*plan.specification.remarks, *plan.remarks))
