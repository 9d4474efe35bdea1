#!/usr/bin/env python3
"""Prints sasrec.h: the loss of a small network of self-attention, its outputs and gradients, as PyTorch computes them.

    python3 test/unit/reference/sasrec.py > test/unit/reference/sasrec.h

The layers are PyTorch's own TransformerEncoderLayer, with the norm first. All numbers follow from value(). The loss
is the mean cross-entropy of the items that come next, whose scores are of the same embeddings that the network reads.
"""
import math

import torch
import torch.nn.functional as F

K = 4
HEADS = 2
LAYERS = 2
MAX_LENGTH = 6
ITEMS = 7
# the events of each user; the last is only a target
HISTORIES = [[3, 1, 4, 1, 5, 6], [2, 0, 2], [6, 3]]

torch.set_default_dtype(torch.float64)


def value(salt, i):
    """As in sasrec_test.c: from -1 to below 1, and exact in a float."""
    return ((i * 2654435761 + salt * 2654435769) % 2**32 >> 16) / 32768 - 1


def tensor(salt, *shape):
    n = 1
    for length in shape:
        n *= length
    return torch.tensor([value(salt, i) for i in range(n)]).reshape(shape).requires_grad_()


OF_LAYER = [('norm1.weight', (K,)), ('norm1.bias', (K,)),
            ('self_attn.in_proj_weight', (3 * K, K)), ('self_attn.in_proj_bias', (3 * K,)),
            ('self_attn.out_proj.weight', (K, K)), ('self_attn.out_proj.bias', (K,)),
            ('norm2.weight', (K,)), ('norm2.bias', (K,)),
            ('linear1.weight', (4 * K, K)), ('linear1.bias', (4 * K,)),
            ('linear2.weight', (K, 4 * K)), ('linear2.bias', (K,))]


def network(weights, embeddings, events):
    positions, *rest = weights
    layer = torch.nn.TransformerEncoderLayer(K, HEADS, 4 * K, dropout=0, activation='relu', batch_first=True,
                                             norm_first=True)
    mask = torch.nn.Transformer.generate_square_subsequent_mask(len(events), dtype=torch.float64)
    x = embeddings[events] * math.sqrt(K) + positions[MAX_LENGTH - len(events):]
    x = x.unsqueeze(0)
    for i in range(LAYERS):
        parameters = dict(zip((name for name, _ in OF_LAYER), rest[i * len(OF_LAYER):]))
        x = torch.func.functional_call(layer, parameters, (x,), {'src_mask': mask, 'is_causal': True})
    return F.layer_norm(x.squeeze(0), (K,), rest[-2], rest[-1])


def array(name, numbers):
    print('\nstatic const double %s[] = {' % name)
    numbers = ['%.7g' % (x + 0.0) for x in numbers.reshape(-1).tolist()]
    for i in range(0, len(numbers), 6):
        print('\t' + ', '.join(numbers[i:i + 6]) + (',' if i + 6 < len(numbers) else ''))
    print('};')


def main():
    shapes = [(MAX_LENGTH, K)] + [shape for _ in range(LAYERS) for _, shape in OF_LAYER] + [(K,), (K,)]
    weights = [tensor(i, *shape) for i, shape in enumerate(shapes)]
    embeddings = tensor(100, ITEMS, K)
    bias = tensor(101, ITEMS)
    outputs = torch.cat([network(weights, embeddings, h[:-1]) for h in HISTORIES])
    loss = F.cross_entropy(outputs @ embeddings.T + bias, torch.tensor([i for h in HISTORIES for i in h[1:]]))
    loss.backward()
    print('/*\n * sasrec.h\n *\t  The loss, outputs and gradients of a small network, by PyTorch; printed by sasrec.py.\n */')
    for name in ('K', 'HEADS', 'LAYERS', 'MAX_LENGTH', 'ITEMS'):
        print('#define REFERENCE_%s %d' % (name, globals()[name]))
    print('#define REFERENCE_USERS %d' % len(HISTORIES))
    print('#define REFERENCE_EVENTS %d\n' % sum(len(h) - 1 for h in HISTORIES))
    print('static const int reference_lengths[] = {%s};' % ', '.join(str(len(h) - 1) for h in HISTORIES))
    print('static const int reference_items[] = {%s};' % ', '.join(str(i) for h in HISTORIES for i in h[:-1]))
    print('static const int reference_targets[] = {%s};' % ', '.join(str(i) for h in HISTORIES for i in h[1:]))
    print('static const double reference_loss = %.9g;' % loss.item())
    array('reference_outputs', outputs.detach())
    array('reference_d_embeddings', embeddings.grad)
    array('reference_d_bias', bias.grad)
    array('reference_d_weights', torch.cat([w.grad.reshape(-1) for w in weights]))


main()
