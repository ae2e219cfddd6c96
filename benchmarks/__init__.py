"""Measurements that print what they ran on; `make bench` runs them all."""
