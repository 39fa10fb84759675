"""Tasks as others see them: JSON, receipts, exports."""
