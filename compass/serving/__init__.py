"""Where a plan runs: targets, live metrics, receipts."""

from compass.serving.deployments import find_deployment, only_deployment, refuse_second, target_of
from compass.serving.probe import stream_completion
from compass.serving.recipes import find_option, keep_recipe, recipe_by_id, recipe_of
from compass.serving.targets import open_targets
from compass.serving.types import (
    ApprovalRequest,
    Approver,
    Change,
    Deployment,
    LiveMetric,
    Progress,
    Receipt,
    Removed,
    Status,
    Target,
    TargetName,
    TestAnswer,
    Verdict,
)

__all__ = [
    "ApprovalRequest",
    "Approver",
    "Change",
    "Deployment",
    "LiveMetric",
    "Progress",
    "Receipt",
    "Removed",
    "Status",
    "Target",
    "TargetName",
    "TestAnswer",
    "Verdict",
    "find_deployment",
    "find_option",
    "keep_recipe",
    "only_deployment",
    "open_targets",
    "recipe_by_id",
    "recipe_of",
    "refuse_second",
    "stream_completion",
    "target_of",
]
