"""The ethnic split of FakeAVCeleb in the paper ("Datasets"): no identity is in two splits."""

# Group, as the dataset spells it -> split.
ETHNIC_SPLIT = {
    "Asian (South)": "train",
    "Asian (East)": "train",
    "Caucasian (American)": "train",
    "African": "val",
    "Caucasian (European)": "test",
}
