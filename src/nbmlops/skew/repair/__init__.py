"""Turning served values back into what training had."""
