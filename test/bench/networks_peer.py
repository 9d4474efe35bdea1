"""What PyTorch takes to train rec's networks over histories on the same events, as lines "name value".

    networks_peer.py gru | lstm | caser | sasrec EVENTS.csv THREADS NEGATIVES [EPOCHS]

EVENTS.csv has a user and an item a row, each user's together, in the order of time. `seconds` is that of the fastest
epoch (two, unless EPOCHS says otherwise), after some batches that are not counted; `loss_1`, `loss_2` .. are the mean
losses of the epochs, which are comparable with those of rec.training_log; `peak` the bytes by which training has
raised the most that the process has held.

The architecture, the sizes, dropout, the loss, the clipping and the optimizer are those of rec's defaults for
implicit feedback: 64 factors, embeddings that are tied with the output, sequences of at most 200 events, about 4096
events a batch, Adam. NEGATIVES is the number of candidates of a sampled softmax with logQ correction, 0 for the full one.

PyTorch's layers want rectangles. So that nearly nothing is computed for padding, batches are made of sequences of
about the same length: all are sorted by length, cut into batches of at most 4096 events, and these are taken in
random order. Only the outputs of real events are compared with the items. (rec packs sequences of any lengths
without padding, and its batches are random.) The fused attention, GRU and LSTM of PyTorch are used, and the fused
Adam.
"""

import math
import resource
import sys
import time

import torch
import torch.nn.functional as F

FACTORS = 64
MAX_LENGTH = 200
BATCH = 4096
DROPOUT = 0.2
LAYERS = 2  # of sasrec; gru and lstm have one
EXPANSION = 4
WINDOW = 5
VERTICAL = 4
HORIZONTAL = 16
LARGEST_GRADIENT = 5


class Cells(torch.nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.cells = kind(FACTORS, FACTORS, batch_first=True)

    def forward(self, x):
        return F.dropout(self.cells(F.dropout(x, DROPOUT, self.training))[0], DROPOUT, self.training)


class Caser(torch.nn.Module):
    """Convolutions over whole sequences, so that windows share their products."""

    def __init__(self):
        super().__init__()
        self.horizontal = torch.nn.ModuleList(torch.nn.Conv1d(FACTORS, HORIZONTAL, h) for h in range(1, WINDOW + 1))
        self.vertical = torch.nn.Conv2d(1, VERTICAL, (WINDOW, 1), bias=False)
        self.output = torch.nn.Linear(VERTICAL * FACTORS + HORIZONTAL * WINDOW, FACTORS)

    def forward(self, x):
        padded = F.pad(x, (0, 0, WINDOW - 1, 0))
        channels = padded.transpose(1, 2)
        features = [self.vertical(padded.unsqueeze(1)).transpose(1, 2).flatten(2)]
        for h, filters in enumerate(self.horizontal, 1):
            features.append(F.max_pool1d(F.relu(filters(channels)), WINDOW - h + 1, 1).transpose(1, 2))
        return F.relu(self.output(F.dropout(torch.cat(features, 2), DROPOUT, self.training)))


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.norm_1 = torch.nn.LayerNorm(FACTORS)
        self.qcv = torch.nn.Linear(FACTORS, 3 * FACTORS)
        self.out = torch.nn.Linear(FACTORS, FACTORS)
        self.norm_2 = torch.nn.LayerNorm(FACTORS)
        self.hidden = torch.nn.Linear(FACTORS, EXPANSION * FACTORS)
        self.last = torch.nn.Linear(EXPANSION * FACTORS, FACTORS)

    def forward(self, x):
        q, c, v = self.qcv(self.norm_1(x)).unsqueeze(1).chunk(3, 3)
        attended = F.scaled_dot_product_attention(q, c, v, is_causal=True).squeeze(1)
        x = x + F.dropout(self.out(attended), DROPOUT, self.training)
        hidden = F.dropout(F.relu(self.hidden(self.norm_2(x))), DROPOUT, self.training)
        return x + F.dropout(self.last(hidden), DROPOUT, self.training)


class Sasrec(torch.nn.Module):
    """What stands behind the end of a sequence is padding, which causal attention does not see."""

    def __init__(self):
        super().__init__()
        self.positions = torch.nn.Parameter(0.02 * torch.randn(MAX_LENGTH, FACTORS))
        self.blocks = torch.nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = torch.nn.LayerNorm(FACTORS)

    def forward(self, x, lengths):
        place = torch.arange(x.shape[1]) + (MAX_LENGTH - lengths).unsqueeze(1)
        x = math.sqrt(FACTORS) * x + self.positions[place.clamp(max=MAX_LENGTH - 1)]
        x = F.dropout(x, DROPOUT, self.training)
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


class Network(torch.nn.Module):
    def __init__(self, name, n_items):
        super().__init__()
        self.items = torch.nn.Embedding(n_items, FACTORS)
        self.bias = torch.nn.Parameter(torch.zeros(n_items))
        self.with_lengths = name == "sasrec"
        self.body = {"gru": lambda: Cells(torch.nn.GRU), "lstm": lambda: Cells(torch.nn.LSTM), "caser": Caser, "sasrec": Sasrec}[name]()
        torch.nn.init.normal_(self.items.weight, std=0.2 / math.sqrt(FACTORS))

    def forward(self, inputs, lengths, targets, candidates, correction):
        x = self.items(inputs)
        h = self.body(x, lengths) if self.with_lengths else self.body(x)
        real = torch.arange(inputs.shape[1]) < lengths.unsqueeze(1)
        h, targets = h[real], targets[real]
        if candidates is None:
            return F.cross_entropy(F.linear(h, self.items.weight, self.bias), targets)
        # the target stands first, and no second time among the candidates
        own = (h * self.items(targets)).sum(1) + self.bias[targets]
        others = F.linear(h, self.items(candidates), self.bias[candidates] + correction)
        others = others.masked_fill(candidates == targets.unsqueeze(1), -math.inf)
        return F.cross_entropy(torch.cat([own.unsqueeze(1), others], 1), torch.zeros_like(targets))


def read_histories(path):
    histories, user, items = [], None, {}
    with open(path) as file:
        for line in file:
            who, what = line.rstrip().split(",")
            if who != user:
                histories.append([])
                user = who
            histories[-1].append(items.setdefault(what, len(items)))
    return histories, len(items)


def cut(histories):
    """Sequences of at most MAX_LENGTH events, and one more, which is only a target; the first cut is random."""
    segments = []
    for history in histories:
        end = len(history) - 1
        begin = 0
        step = MAX_LENGTH if end <= MAX_LENGTH else int(torch.randint(1, MAX_LENGTH + 1, ()))
        while begin < end:
            segments.append(history[begin:min(begin + step, end) + 1])
            begin += step
            step = MAX_LENGTH
    return segments


def batches(histories):
    segments = sorted(cut(histories), key=len)
    result, rows = [[]], 0
    for segment in segments:
        if rows + len(segment) - 1 > BATCH and result[-1]:
            result.append([])
            rows = 0
        result[-1].append(segment)
        rows += len(segment) - 1
    for which in torch.randperm(len(result)).tolist():
        lengths = torch.tensor([len(segment) - 1 for segment in result[which]])
        longest = int(lengths.max())
        whole = torch.tensor([segment + [0] * (longest + 1 - len(segment)) for segment in result[which]])
        yield whole[:, :-1], lengths, whole[:, 1:]


def draw(n_items, counts, negatives):
    """Candidates, half from all items alike, half from the events, and the correction for how probable each is."""
    half = negatives // 2
    chances = counts / counts.sum()
    drawn = torch.cat([torch.randint(n_items, (half,)), torch.multinomial(chances, half, replacement=True)]).unique()
    none = ((1 - 1 / n_items) * (1 - chances[drawn])) ** half
    return drawn, -torch.log1p(-none).float()


def train(network, optimizer, batch, counts, negatives):
    inputs, lengths, targets = batch
    candidates, correction = draw(len(counts), counts, negatives) if negatives else (None, None)
    optimizer.zero_grad()
    loss = network(inputs, lengths, targets, candidates, correction)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), LARGEST_GRADIENT)
    optimizer.step()
    return float(loss.detach()), int(lengths.sum())


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main():
    name, path, threads, negatives = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    epochs = int(sys.argv[5]) if len(sys.argv) > 5 else 2
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    histories, n_items = read_histories(path)
    counts = torch.bincount(torch.tensor([item for history in histories for item in history]), minlength=n_items).double()
    negatives = negatives if negatives < n_items else 0
    before = peak()
    warm = Network(name, n_items)
    optimizer = torch.optim.Adam(warm.parameters(), lr=0.002, betas=(0.9, 0.98), fused=True)
    for n, batch in enumerate(batches(histories)):
        if n == 10:
            break
        train(warm, optimizer, batch, counts, negatives)
    network = Network(name, n_items)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.002, betas=(0.9, 0.98), fused=True)
    fastest = math.inf
    for epoch in range(epochs):
        began = time.monotonic()
        of_batches = [train(network, optimizer, batch, counts, negatives) for batch in batches(histories)]
        fastest = min(fastest, time.monotonic() - began)
        events = sum(n for _, n in of_batches)
        print("loss_%d" % (epoch + 1), sum(loss * n for loss, n in of_batches) / events, flush=True)
    print("seconds", fastest)
    print("peak", peak() - before)
    print("version PyTorch", torch.__version__)


main()
