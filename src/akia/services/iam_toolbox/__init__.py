"""The IAM toolbox: why a request was denied."""
