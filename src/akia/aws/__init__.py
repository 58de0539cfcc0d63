"""AWS's nouns: ARNs, unique ids, errors, regions. Standard library only; every other package may import these."""
