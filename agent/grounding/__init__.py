"""Figures in answers, held against what tools returned."""
