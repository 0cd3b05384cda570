"""Chains of certificates for those who check them."""
