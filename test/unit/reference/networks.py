#!/usr/bin/env python3
"""Prints networks.h: outputs and gradients of small networks, as PyTorch computes them.

    python3 test/unit/reference/networks.py > test/unit/reference/networks.h

The numbers of all weights and inputs follow from value(). The loss is the sum of all outputs, each times a
number. Weights are laid out as the architectures of src/algorithm do, and are put together here to what
PyTorch's own layers take; its gradients come back through the same steps.
"""
import torch
import torch.nn.functional as F

K = 3
LAYERS = 2
LENGTHS = [4, 2]
WINDOW = 3
VERTICAL = 4
HORIZONTAL = 16

torch.set_default_dtype(torch.float64)


def value(salt, i):
    """As in architecture_test.c: from -1 to below 1, and exact in a float."""
    return ((i * 2654435761 + salt * 2654435769) % 2**32 >> 16) / 32768 - 1


def tensor(salt, *shape):
    n = 1
    for length in shape:
        n *= length
    return torch.tensor([value(salt, i) for i in range(n)]).reshape(shape)


def pick(matrix, order):
    """Matrices of K columns that stand side by side, in another order and one below the other, transposed."""
    return torch.cat([matrix[:, i * K:(i + 1) * K] for i in order], 1).T


def gru(weights, sequence):
    """Ours: n r z of the input, r z n of the output before. PyTorch: r z n."""
    for i in range(0, len(weights), 4):
        w, u, bias, last = weights[i:i + 4]
        b = bias.reshape(3, K)
        layer = torch.nn.GRU(K, K)
        parameters = {'weight_ih_l0': pick(w, [1, 2, 0]), 'weight_hh_l0': pick(u, [0, 1, 2]),
                      'bias_ih_l0': torch.cat([b[1], b[2], b[0]]),
                      'bias_hh_l0': torch.cat([torch.zeros(2 * K), last.reshape(K)])}
        sequence = torch.func.functional_call(layer, parameters, (sequence,))[0]
    return sequence


def lstm(weights, sequence):
    """Ours: g i o f. PyTorch: i f g o."""
    for i in range(0, len(weights), 4):
        w, u, bias, last = weights[i:i + 4]
        b = torch.cat([bias.reshape(3, K), last.reshape(1, K)])
        order = [1, 3, 0, 2]
        layer = torch.nn.LSTM(K, K)
        parameters = {'weight_ih_l0': pick(w, order), 'weight_hh_l0': pick(u, order),
                      'bias_ih_l0': torch.cat([b[g] for g in order]), 'bias_hh_l0': torch.zeros(4 * K)}
        sequence = torch.func.functional_call(layer, parameters, (sequence,))[0]
    return sequence


def caser(weights, sequence):
    """Horizontal filters are by lag, and then by height from lag + 1 on; PyTorch's last row has lag 0."""
    horizontal, bias, vertical, out, out_bias = weights
    begin = [HORIZONTAL * (WINDOW * lag - lag * (lag - 1) // 2) for lag in range(WINDOW)]
    padded = torch.cat([torch.zeros(WINDOW - 1, K), sequence])
    outputs = []
    for t in range(len(sequence)):
        image = padded[t:t + WINDOW].reshape(1, 1, WINDOW, K)
        filters = vertical.flip(1).reshape(VERTICAL, 1, WINDOW, 1)
        features = [F.conv2d(image, filters).reshape(-1)]
        for height in range(1, WINDOW + 1):
            rows = []
            for lag in reversed(range(height)):
                first = begin[lag] + (height - 1 - lag) * HORIZONTAL
                rows.append(horizontal[first:first + HORIZONTAL])
            filters = torch.stack(rows, 1).reshape(HORIZONTAL, 1, height, K)
            first = (height - 1) * HORIZONTAL
            convolved = F.relu(F.conv2d(image, filters, bias.reshape(-1)[first:first + HORIZONTAL]))
            features.append(F.max_pool1d(convolved.squeeze(3), WINDOW - height + 1).reshape(-1))
        outputs.append(F.relu(F.linear(torch.cat(features), out, out_bias.reshape(-1))))
    return torch.stack(outputs)


def shapes(name):
    if name == 'caser':
        products = HORIZONTAL * WINDOW * (WINDOW + 1) // 2
        return [(products, K), (1, HORIZONTAL * WINDOW), (VERTICAL, WINDOW),
                (K, VERTICAL * K + HORIZONTAL * WINDOW), (1, K)]
    gates = 3 if name == 'gru' else 4
    return [(K, gates * K), (K, gates * K), (1, 3 * K), (1, K)] * LAYERS


def array(name, numbers):
    print('static const double %s[] = {' % name)
    numbers = ['%.7g' % (x + 0.0) for x in numbers.reshape(-1).tolist()]
    for i in range(0, len(numbers), 6):
        print('\t' + ', '.join(numbers[i:i + 6]) + (',' if i + 6 < len(numbers) else ''))
    print('};\n')


def main():
    print('/*\n * networks.h\n *\t  Outputs and gradients of small networks, by PyTorch; printed by networks.py.\n */')
    print('#define REFERENCE_K %d\n#define REFERENCE_LAYERS %d\n#define REFERENCE_WINDOW %d' % (K, LAYERS, WINDOW))
    print('#define REFERENCE_SEQUENCES %d' % len(LENGTHS))
    print('static const int reference_lengths[] = {%s};\n' % ', '.join(map(str, LENGTHS)))
    for name, network in (('gru', gru), ('lstm', lstm), ('caser', caser)):
        weights = [tensor(i, *shape).requires_grad_() for i, shape in enumerate(shapes(name))]
        x = tensor(100, sum(LENGTHS), K).requires_grad_()
        outputs = torch.cat([network(weights, sequence) for sequence in x.split(LENGTHS)])
        (outputs * tensor(101, sum(LENGTHS), K)).sum().backward()
        array(name + '_outputs', outputs.detach())
        array(name + '_d_x', x.grad)
        array(name + '_d_weights', torch.cat([w.grad.reshape(-1) for w in weights]))


main()
