"""Rendered Kubernetes objects as text."""

from compass.core import Frozen


class Manifest(Frozen):
    """One Kubernetes object as YAML text, valid against its schema."""

    name: str
    kind: str
    yaml: str


class Manifests(Frozen):
    """The objects that run an option, as one recipe has them."""

    recipe_id: str = ""
    option_id: str
    namespace: str
    manifests: tuple[Manifest, ...]
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """One YAML stream, as `kubectl apply -f` takes it."""
        return "---\n".join(f"{m.yaml.strip()}\n" for m in self.manifests)

    def brief(self) -> str:
        """What was rendered, for a language model; the YAML itself stays with the person."""
        kinds = ", ".join(f"{m.kind} {m.name}" for m in self.manifests)
        head = f"{self.option_id} in namespace {self.namespace}: {kinds}"
        deployed = [f"next: deploy these with recipe_id={self.recipe_id}"] if self.recipe_id else []
        return "\n".join([head, *deployed, *self.notes])
