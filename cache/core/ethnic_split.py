"""FakeAVCeleb by ethnic group, as the paper splits it ("Datasets"): no identity is in two splits."""

# Group, as the dataset spells it -> split.
ETHNIC_SPLIT = {
    "Asian (South)": "train",
    "Asian (East)": "train",
    "Caucasian (American)": "train",
    "African": "val",
    "Caucasian (European)": "test",
}
