"""How a BERT is fine-tuned: the part of a use case's `training` that its families read."""

from pydantic import Field

from mlops_assets.spec.value import Value


class Bert(Value):
    """What the families `bert` and `cascade` fine-tune, and how long."""

    model: str = Field(
        "bert-base-uncased", description="a local folder with safetensors and tokenizer.json, or a name of the hub"
    )
    learning_rate: float = Field(2e-5, gt=0, lt=1, description="of the encoder at its highest; the head's is 20 times")
    batch: int = Field(16, ge=1, description="rows a step")
    epochs_max: float = Field(4.0, gt=0, description="passes over the rows at most")
    patience: int = Field(2, ge=1, description="looks at held-out rows (two an epoch) without a gain that end a fit")
    length_max: int = Field(128, ge=8, le=512, description="tokens of a row; what is longer is cut off")
    budget_s: float = Field(
        600.0,
        gt=0,
        description="seconds of one fine-tuning, beside training.budget_s; the best state stays. A cascade takes as "
        "long again at most to teach half of the layers",
    )
    gain_kept: float = Field(
        0.95,
        gt=0,
        le=1,
        description="of what a BERT gains over TF-IDF on held-out rows, a cascade keeps at least this share",
    )
    threads: int = Field(0, ge=0, description="of PyTorch on a CPU; 0 = one a core")
