//! `rules/signals/`: the questions of RED, USE and LLM serving.
