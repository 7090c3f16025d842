"""Use cases, models, GPUs and prices: data files with sources, and their typed loaders."""

from tools.catalog.find import find_gpu, find_model, find_use_case, match_gpus, match_models, price_of
from tools.catalog.loader import WrongData, load_catalog
from tools.catalog.types import Architecture, Catalog, Checkpoint, Gpu, Model, Price, UseCase

__all__ = [
    "Architecture",
    "Catalog",
    "Checkpoint",
    "Gpu",
    "Model",
    "Price",
    "UseCase",
    "WrongData",
    "find_gpu",
    "find_model",
    "find_use_case",
    "load_catalog",
    "match_gpus",
    "match_models",
    "price_of",
]
