"""What the evaluation asks: labelled lists and queries, and perturbations of them."""
