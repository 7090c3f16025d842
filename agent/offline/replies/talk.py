"""Fixed replies."""

HELP = (
    "I plan deployments of open language models: which model on how many of which GPUs, and "
    "what it costs. Describe a need, for example:\n\n"
    "- *A support chatbot for 5,000 users, answers must start within 300 ms*\n"
    "- *Code assistant for 500 developers, quality matters more than speed*\n\n"
    "Then change it: *what about H200 instead?*, *10,000 users*, *with spot instances*.  \n"
    "Question it: *explain*, *why not L4?*, *how sure are you?*, *what are you assuming?*, *what would "
    "change it?*, *cheaper*, *compare the cheapest and the fastest*.  \n"
    "Use it: *show the yaml*, *deploy it*, *how is it doing?*, *send it a prompt: …*, *remove it*.\n\n"
    "I also answer *benchmarks for Qwen3-32B on H100*, *prices*, *tell me about MI300X*, *what is TTFT?*"
)
OFF_TOPIC = (
    "That is outside of what I can help with: I plan and deploy open language models. "
    "Tell me who will use a model and for what, and I work out model, GPUs, replicas and cost."
)
NO_PLAN = "There is no plan in this conversation yet. Say first who uses it, for what, and how fast."
NO_DEPLOYMENT = "Nothing is deployed in this conversation. Say *deploy it* after a plan."
DECLINED = (
    "It was not approved, so nothing was changed. Ask again whenever you want it; where nobody is there to "
    "approve, as in a script, `--yes` does it beforehand."
)
