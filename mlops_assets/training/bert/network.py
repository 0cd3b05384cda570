"""The network that is fine-tuned: a pretrained encoder, the mean of its vectors, and one linear layer."""

from pathlib import Path
from typing import Any

MAKE = "make setup-bert, or: pip install 'mlops-assets[bert]'"
HEAD_DEVIATION = 0.02  # of the new layer's first weights, as BERT's own
HEAD_FASTER = 20  # times the learning rate, for the one layer that begins with noise


class MissingExtraError(RuntimeError):
    """PyTorch or transformers is not installed; the sentence says how to get them."""


class PretrainedError(RuntimeError):
    """The pretrained model cannot be read; the sentence says what is wrong with its name, its files or the network."""


def require_extra() -> None:
    """Check that the extra [bert] is there.

    Raises
    ------
    MissingExtraError
        If PyTorch or transformers is missing.
    """
    try:
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"{error.name} is not installed; fine-tuning a BERT needs it: {MAKE}") from error


def load_pretrained(model: str) -> tuple[Any, str]:
    """The encoder of a local folder or a hub name, and its tokenizer.json.

    Weights come from safetensors alone, never from a pickle, and no code of the model's repository is run.

    Raises
    ------
    PretrainedError
        If there is no such model, it cannot be fetched, or it lacks safetensors or a fast tokenizer.
    """
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    local = Path(model).is_dir()
    if not local and model.startswith((".", "/", "~")):
        raise PretrainedError(f"training.bert.model: there is no folder {model!r}; name a folder or a model of the hub")
    asked = {"local_files_only": local, "trust_remote_code": False}
    try:
        tokenizer = AutoTokenizer.from_pretrained(model, use_fast=True, **asked)
        encoder = AutoModel.from_pretrained(model, use_safetensors=True, **asked)
    except (OSError, ValueError, KeyError) as error:
        raise PretrainedError(_refusal(model, local, error)) from error
    if not hasattr(tokenizer, "backend_tokenizer"):
        raise PretrainedError(f"training.bert.model: {model!r} has no tokenizer.json; name one with a fast tokenizer")
    return encoder, tokenizer.backend_tokenizer.to_str()


def _refusal(model: str, local: bool, error: Exception) -> str:
    said = " ".join(str(error).split())[:200]
    if local:
        return (
            f"training.bert.model: the folder {model!r} cannot be read; config.json, tokenizer.json and "
            f"model.safetensors are due ({said})"
        )
    return (
        f"training.bert.model: {model!r} is not in this machine's cache and could not be fetched from the hub; without "
        f"a network name a local folder with config.json, tokenizer.json and model.safetensors ({said})"
    )


def build_network(encoder: Any, outputs: int, numbers: int, random_state: int) -> Any:
    """A torch module: (ids, mask, numbers) -> (n_samples, outputs); its `vectors(ids, mask)` come before the head.

    Parameters
    ----------
    encoder : transformers model
    outputs : int
        1 for a regression, otherwise one a class.
    numbers : int
        Columns that stand beside the text's vector.

    Notes
    -----
    The vectors of the tokens stay as they were pretrained: half of a small model's weights, which no few thousand rows
    teach, and whose share of each step is a third.
    """
    import torch

    encoder.get_input_embeddings().requires_grad_(False)

    class Network(torch.nn.Module):  # type: ignore[misc]
        head_faster: float = HEAD_FASTER

        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder
            self.head = torch.nn.Linear(encoder.config.hidden_size + numbers, outputs)
            seeded = torch.Generator().manual_seed(random_state)
            torch.nn.init.normal_(self.head.weight, std=HEAD_DEVIATION, generator=seeded)
            torch.nn.init.zeros_(self.head.bias)

        def forward(self, ids: Any, mask: Any, beside: Any) -> Any:
            return self.answers(self.vectors(ids, mask), beside)

        def vectors(self, ids: Any, mask: Any) -> Any:
            of_tokens = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            weights = mask.unsqueeze(-1).to(of_tokens.dtype)
            return (of_tokens * weights).sum(1) / weights.sum(1)

        def answers(self, vectors: Any, beside: Any) -> Any:
            return self.head(torch.cat([vectors, beside], 1) if numbers else vectors)

    return Network()
