"""Finds in the store what is to be deployed: a planned option, and the recipe it was rendered by."""

from typing import Any

from compass.core import InvalidInput, NotFound, unknown
from compass.manifests import Recipe, RecipeChoices, make_recipe
from compass.planning import Option, Plan, Specification, as_served
from compass.store import Store

PREFIX = "recipe"


async def find_option(store: Store, option_id: str) -> tuple[Option, Specification]:
    """A planned option, and the specification it was planned for, with the lengths of its own answers.

    Raises:
        NotFound: no such option; names the nearest, or says that nothing is planned.
        InvalidInput: the id of a plan; names its options.
    """
    if option_id.startswith("plan-"):
        plan = await store.get(option_id, Plan)
        choices = ", ".join(f"{option.option_id} ({option.model})" for option in plan.options[:5])
        raise InvalidInput("option_id", f"{option_id} is a plan. Choose one of its options: {choices}.")
    known = await store.ids("option")
    if option_id not in known:
        if not known:
            raise NotFound(f'No option called "{option_id}": nothing is planned. Call plan_replicas first.')
        raise unknown("option", option_id, known)
    option = await store.get(option_id, Option)
    plan = await store.get(option.plan_id, Plan)
    return option, as_served(plan.specification, option)


async def keep_recipe(store: Store, recipe: Recipe) -> str:
    """Store a recipe that was rendered; its id."""
    return await store.put(PREFIX, recipe)


async def recipe_by_id(store: Store, recipe_id: str, choices: RecipeChoices, option_id: str = "") -> Recipe:
    """A stored recipe, which the stated choices, and the option where it is named, may not contradict.

    Raises:
        NotFound: no such recipe.
        InvalidInput: it holds another value than the one stated; names the field.
    """
    recipe = await store.get(recipe_id, Recipe)
    if option_id and option_id != recipe.option_id:
        raise InvalidInput("option_id", f"{recipe_id} was rendered for {recipe.option_id}. Leave it out.")
    held = {"name": recipe.name, "namespace": recipe.namespace, **recipe.settings.model_dump()}
    for field, value in stated(choices).items():
        if held[field] != value:
            raise InvalidInput(
                field, f"{recipe_id} has {held[field]!r}. Leave it out, or render again with {value!r}."
            )
    return recipe


async def recipe_of(store: Store, option: Option, choices: RecipeChoices) -> Recipe:
    """The newest recipe that the option was rendered by and that no stated choice contradicts.

    So an option whose manifests a person has seen is deployed as seen, without its choices being said again.
    Where there is none, a new recipe of the choices, usual where unstated, which is not stored.

    Raises:
        InvalidInput: a name or a setting that cannot be; names it.
    """
    said = stated(choices)
    like: dict[str, Any] = {field: said.pop(field) for field in ("name", "namespace") if field in said}
    like |= {"option_id": option.option_id, "settings": said}
    return await store.newest(PREFIX, Recipe, like) or make_recipe(option, choices)


def stated(choices: RecipeChoices) -> dict[str, Any]:
    """The choices that were made by the caller; an empty name is none."""
    fields = set(RecipeChoices.model_fields) & choices.model_fields_set
    return choices.model_dump(include=fields if choices.name else fields - {"name"})
