"""Ways of learning on a stream, raced prequentially: each window is answered first, then learnt from."""
