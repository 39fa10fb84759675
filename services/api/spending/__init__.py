"""Spending reports, and the daily budgets that the store enforces."""
