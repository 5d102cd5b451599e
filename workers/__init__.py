"""The processes: the GPU worker, the ledger, the review console, the broker for development."""
