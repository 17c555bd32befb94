"""Telegrams in, graph files out: from volumes and curated facts to a data set."""
