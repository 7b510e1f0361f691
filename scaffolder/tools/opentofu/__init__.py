"""OpenTofu, and Terraform where that is what is installed."""
