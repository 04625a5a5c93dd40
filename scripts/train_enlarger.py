#!/usr/bin/env python3
"""Train the enlarger of `metakernelgan super-resolve` on a folder of pictures.

    scripts/train_enlarger.py PICTURES enlarger-x2.safetensors --scale 2 --seconds 300

PICTURES holds PNG and JPEG files, in subfolders too. The result is read by `--sr-weights` and has the format of the shipped
weights (docs/model-card.md defines the network and says how they were made). Needs torch, numpy and Pillow, and a GPU for
anything but a trial. Without a GPU, `--updates 2 --batch 2 --crop 32 --pool 4` shows that all is there.
"""

import argparse
import json
import math
import os
import struct
import sys
import time

WIDTH, BLOCKS, STAGES = 64, 5, 2
SUFFIXES = (".png", ".jpg", ".jpeg")


class Refused(Exception):
    """Why nothing was trained, as one sentence's end."""


# --- what needs neither torch nor numpy ------------------------------------------------------------------------------

def layout(scale):
    """Every tensor's name and shape."""
    shapes = {}
    for stage in range(1, STAGES + 1):
        name = f"stage{stage}"
        inputs = 3 * scale * scale + 4 + (WIDTH if stage > 1 else 0)
        convolutions = {"head": (WIDTH, inputs), "tail": (3 * scale * scale, WIDTH)}
        for block in range(1, BLOCKS + 1):
            convolutions.update({f"block{block}.{part}": (WIDTH, WIDTH) for part in ("first", "second")})
        for part, (outputs, inputs) in convolutions.items():
            shapes[f"{name}.{part}.weight"] = (outputs, inputs, 3, 3)
            shapes[f"{name}.{part}.bias"] = (outputs,)
        shapes[f"{name}.alpha.first.weight"], shapes[f"{name}.alpha.first.bias"] = (32, 1), (32,)
        shapes[f"{name}.alpha.second.weight"], shapes[f"{name}.alpha.second.bias"] = (1, 32), (1,)
    return shapes


def encoded(tensors, metadata):
    """The bytes of a safetensors file of half-precision tensors, {name: (shape, values)}, sorted by name."""
    header, begin, content = {"__metadata__": metadata}, 0, []
    for name in sorted(tensors):
        shape, values = tensors[name]
        data = struct.pack(f"<{len(values)}e", *values)
        header[name] = {"dtype": "F16", "shape": list(shape), "data_offsets": [begin, begin + len(data)]}
        begin += len(data)
        content.append(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(content)


def decoded(path):
    """{name: (shape, values)} of a file that `encoded` made."""
    try:
        with open(path, "rb") as file:
            content = file.read()
        end = 8 + struct.unpack("<Q", content[:8])[0]
        header = json.loads(content[8:end])
        header.pop("__metadata__", None)
        tensors = {}
        for name, entry in header.items():
            begin, stop = (end + offset for offset in entry["data_offsets"])
            values = struct.unpack(f"<{(stop - begin) // 2}e", content[begin:stop])
            tensors[name] = (tuple(entry["shape"]), values)
        return tensors
    except OSError as error:
        raise Refused(f"cannot read {path!r}: {error.strerror}") from error
    except (KeyError, ValueError, struct.error) as error:
        raise Refused(f"cannot start from {path!r}: it is no safetensors file of half-precision tensors") from error


def check(tensors, path, scale):
    """Holds a file's tensors to the network's layout."""
    for name, shape in layout(scale).items():
        if name not in tensors or tensors[name][0] != shape:
            raise Refused(f"cannot start from {path!r}: tensor {name!r} is missing or of another shape than at scale {scale}")


def write(path, content):
    """Atomically."""
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if os.path.exists(temporary):
            os.remove(temporary)
        raise Refused(f"cannot write {path!r}: {error.strerror}") from error


def find_pictures(folder):
    found = sorted(
        os.path.join(place, name) for place, _, names in os.walk(folder) for name in names
        if name.lower().endswith(SUFFIXES))
    if not found:
        raise Refused(f"cannot train on {folder!r}: it holds no PNG or JPEG file")
    return found


def parse(arguments):
    parser = argparse.ArgumentParser(description="Train the enlarger on a folder of pictures.")
    parser.add_argument("pictures", help="folder of PNG and JPEG files")
    parser.add_argument("result", help="safetensors file to write")
    parser.add_argument("--scale", type=int, choices=(2, 3, 4), default=2)
    parser.add_argument("--start", help="weights to begin with, of an earlier run at the same scale")
    parser.add_argument("--seconds", type=float, default=300, help="training time (default: 300)")
    parser.add_argument("--updates", type=int, help="train for so many updates instead of --seconds")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--crop", type=int, help="side of a high-resolution crop (default: 64 times the scale)")
    parser.add_argument("--pool", type=int, default=9000, help="crops to hold in memory (default: 9000)")
    parser.add_argument("--rate", type=float, help="learning rate (default: 1e-3, or 7e-4 with --start)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    options.crop = options.crop or 64 * options.scale
    options.rate = options.rate or (1e-3 if options.start is None else 7e-4)
    for name in ("seconds", "batch", "crop", "pool", "rate"):
        if getattr(options, name) <= 0:
            parser.error(f"--{name} must be positive")
    if options.updates is not None and options.updates <= 0:
        parser.error("--updates must be positive")
    if options.crop % options.scale:
        parser.error("--crop must be a multiple of --scale")
    return options


# --- training --------------------------------------------------------------------------------------------------------

def build(torch, scale):
    """The network as a PyTorch module, and `degrade`."""
    nn, F = torch.nn, torch.nn.functional

    def spectrum(k, h, w):
        """K with H x = ifft(fft(x) K)[::s, ::s], for cross-correlation kernels k (B, n, n)."""
        n = k.shape[1]
        p = torch.zeros(len(k), 1, h, w, device=k.device, dtype=k.dtype)
        p[:, 0, :n, :n] = k
        return torch.conj(torch.fft.rfft2(torch.roll(p, (-(n // 2),) * 2, (2, 3))))

    def correlate(x, K):
        return torch.fft.irfft2(torch.fft.rfft2(x) * K, s=x.shape[-2:])

    def gram(K, h, w):
        """The spectrum of H H^T on the low-resolution grid."""
        product = torch.fft.irfft2(K.abs() ** 2 + 0j, s=(h, w))[:, :, ::scale, ::scale]
        return torch.fft.rfft2(product).real.clamp_min(0)

    def data_step(x, y, K, A, alpha):
        r = torch.fft.rfft2(y - correlate(x, K)[:, :, ::scale, ::scale]) / (A + alpha)
        up = torch.zeros_like(x)
        up[:, :, ::scale, ::scale] = torch.fft.irfft2(r, s=y.shape[-2:])
        return x + correlate(up, torch.conj(K))

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = (nn.Conv2d(WIDTH, WIDTH, 3, padding=1) for _ in range(2))
            self.second.weight.data.mul_(0.1)
            nn.init.zeros_(self.second.bias)

        def forward(self, x):
            return x + self.second(F.relu(self.first(x)))

    class Alpha(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Linear(1, 32), nn.Linear(32, 1)
            nn.init.zeros_(self.second.weight)
            nn.init.constant_(self.second.bias, -6.0)

        def forward(self, sigma):
            sigma = sigma.view(-1, 1)
            a = self.second(F.relu(self.first(torch.log(sigma + 1e-3) + 4)))
            return (torch.exp(a) + sigma ** 2 / 2 + 1e-6).view(-1, 1, 1, 1)

    class Stage(nn.Module):
        def __init__(self, inputs):
            super().__init__()
            self.head = nn.Conv2d(inputs, WIDTH, 3, padding=1)
            self.tail = nn.Conv2d(WIDTH, 3 * scale * scale, 3, padding=1)
            for block in range(1, BLOCKS + 1):
                setattr(self, f"block{block}", Block())
            self.alpha = Alpha()
            nn.init.zeros_(self.tail.weight)
            nn.init.zeros_(self.tail.bias)

        def forward(self, inputs):
            f = self.head(inputs)
            for block in range(1, BLOCKS + 1):
                f = getattr(self, f"block{block}")(f)
            return f, self.tail(f)

    class Enlarger(nn.Module):
        def __init__(self):
            super().__init__()
            for stage in range(1, STAGES + 1):
                inputs = 3 * scale * scale + 4 + (WIDTH if stage > 1 else 0)
                setattr(self, f"stage{stage}", Stage(inputs))

        def forward(self, y, k, sigma):
            h, w = (side * scale for side in y.shape[-2:])
            K = spectrum(k, h, w)
            A = gram(K, h, w)
            x = F.interpolate(y, scale_factor=scale, mode="bicubic", align_corners=False)
            x = torch.roll(x, (1 - scale, 1 - scale), (2, 3))
            plane = (10 * sigma).view(-1, 1, 1, 1).expand(-1, 1, *y.shape[-2:])
            f, results = None, []
            for number in range(1, STAGES + 1):
                stage = getattr(self, f"stage{number}")
                z = data_step(x, y, K, A, stage.alpha(sigma))
                parts = [F.pixel_unshuffle(z, scale), y, plane] + ([] if f is None else [f.float()])
                with torch.autocast(y.device.type, dtype=torch.bfloat16, enabled=y.device.type == "cuda"):
                    f, residual = stage(torch.cat(parts, 1).contiguous(memory_format=torch.channels_last))
                x = z + F.pixel_shuffle(residual.float(), scale)
                results.append(x)
            return results

    def degrade(hr, k, sigma):
        y = correlate(hr, spectrum(k, *hr.shape[-2:]))[:, :, ::scale, ::scale]
        y = y + torch.randn_like(y) * sigma.view(-1, 1, 1, 1)
        return torch.floor(y.clamp(0, 1) * 255) / 255  # truncated, as the benchmark's pictures are

    return Enlarger, degrade


def kernels(torch, scale, count, device):
    """True kernels, and the kernels that the network is given: often a little wrong."""

    def uniform(low, high):
        return low + (high - low) * torch.rand(count, device=device)

    def gaussian(xx, xy, yy):
        g = torch.arange(side, device=device).float() - centre
        X, Y = torch.meshgrid(g, g, indexing="xy")
        xx, xy, yy = (v.view(-1, 1, 1) for v in (xx, xy, yy))
        k = torch.exp(-0.5 * (yy * X * X - 2 * xy * X * Y + xx * Y * Y) / (xx * yy - xy * xy))
        return k / k.sum((1, 2), keepdim=True)

    def off():
        return 1 + 0.04 * torch.randn(count, device=device) * (torch.rand(count, device=device) < 0.4)

    # An x4 kernel is the x2 one and its double: variances 1 + 4 times as large.
    side, centre, wide = {2: (11, 4.5, 1), 3: (15, 6.0, 2.5), 4: (21, 8.5, 5)}[scale]
    l1, l2, t = uniform(0.35, 5), uniform(0.35, 5), uniform(0, math.pi)
    c, s = torch.cos(t), torch.sin(t)
    xx, yy, xy = wide * (c * c * l1 + s * s * l2), wide * (s * s * l1 + c * c * l2), wide * c * s * (l1 - l2)
    k, told = gaussian(xx, xy, yy), gaussian(xx * off(), xy, yy * off())
    if scale == 2:
        rough = k * (1 + 0.4 * (2 * torch.rand_like(k) - 1))
        rough = rough / rough.sum((1, 2), keepdim=True)
        is_rough, knows = (torch.rand(count, 1, 1, device=device) < share for share in (0.35, 0.3))
        told = torch.where(is_rough, torch.where(knows, rough, k), told)
        k = torch.where(is_rough, rough, k)
    return k, told


def draw_pool(files, count, side, rng):
    """(count, 3, side, side) crops, by area, of which two in five were shrunk up to twofold."""
    import numpy as np
    from PIL import Image

    pictures = [np.asarray(Image.open(file).convert("RGB")) for file in files]
    pictures = [p for p in pictures if min(p.shape[:2]) >= side]
    if not pictures:
        raise Refused(f"cannot train: no picture is {side} pixels wide and high; lower --crop")
    areas = np.array([p.shape[0] * p.shape[1] for p in pictures], float)
    out = np.empty((count, 3, side, side), np.uint8)
    for j, i in enumerate(rng.choice(len(pictures), count, p=areas / areas.sum())):
        p, most = pictures[i], min(2, min(pictures[i].shape[:2]) / side)
        q = side if rng.random() < 0.6 else int(side * rng.uniform(1, most))
        r, c = rng.integers(0, p.shape[0] - q + 1), rng.integers(0, p.shape[1] - q + 1)
        p = p[r:r + q, c:c + q]
        if q != side:
            p = np.asarray(Image.fromarray(p).resize((side, side), Image.BICUBIC))
        out[j] = p.transpose(2, 0, 1)
    return out


def draw_batch(torch, pool, options, rng):
    x = pool[torch.randint(0, len(pool), (options.batch,), device=pool.device)]
    r, c = rng.integers(0, pool.shape[-1] - options.crop + 1, 2)
    x = x[:, :, r:r + options.crop, c:c + options.crop].float() / 255
    for dims in ((3,), (2,)):
        if rng.random() < 0.5:
            x = x.flip(dims)
    return (x.transpose(2, 3) if rng.random() < 0.5 else x).contiguous()


def train(options, files, start):
    try:
        import numpy as np
        import torch
    except ImportError as error:
        raise Refused(f"cannot train: {error.name} is not installed; install torch, numpy and Pillow") from error
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = torch.backends.cudnn.benchmark = True
    Enlarger, degrade = build(torch, options.scale)
    pool = torch.from_numpy(draw_pool(files, options.pool, options.crop * 3 // 2, rng)).to(device)
    net = Enlarger().to(device).to(memory_format=torch.channels_last)
    if start:
        net.load_state_dict({n: torch.tensor(v, device=device).reshape(shape) for n, (shape, v) in start.items()})
    mean = {n: v.detach().clone() for n, v in net.state_dict().items()}
    optimiser = torch.optim.AdamW(net.parameters(), lr=options.rate, weight_decay=1e-4, betas=(0.9, 0.99))
    begin, updates, share = time.monotonic(), 0, 0.0
    while share < 1:
        rate = options.rate * min(1, (updates + 1) / 200) * 0.5 * (1 + math.cos(math.pi * share)) + 1e-6
        for group in optimiser.param_groups:
            group["lr"] = rate
        hr = draw_batch(torch, pool, options, rng)
        k, told = kernels(torch, options.scale, options.batch, device)
        noisy = torch.rand(options.batch, device=device) < 0.5
        sigma = torch.rand(options.batch, device=device) * 20 / 255 * noisy
        first, last = net(degrade(hr, k, sigma), told, sigma)
        loss = (last - hr).abs().mean() + 0.3 * (first - hr).abs().mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        optimiser.step()
        updates += 1
        with torch.no_grad():  # what is written is a moving average
            for name, value in net.state_dict().items():
                mean[name].lerp_(value, 1 - min(0.999, updates / (updates + 50)))
        if updates % 1000 == 0:
            print(f"{updates} updates, {time.monotonic() - begin:.0f} s, loss {float(loss.detach()):.5f}", flush=True)
        share = updates / options.updates if options.updates else (time.monotonic() - begin) / options.seconds
    print(f"{updates} updates in {time.monotonic() - begin:.0f} s on {device}, loss {float(loss.detach()):.5f}")
    return {n: (tuple(v.shape), v.float().cpu().flatten().tolist()) for n, v in mean.items()}, updates


def main(arguments=None):
    options = parse(arguments)
    try:
        files = find_pictures(options.pictures)
        start = None
        if options.start:
            start = decoded(options.start)
            check(start, options.start, options.scale)
        tensors, updates = train(options, files, start)
        metadata = {"scale": str(options.scale), "updates": str(updates), "pictures": str(len(files))}
        write(options.result, encoded(tensors, metadata))
    except Refused as refusal:
        print(f"train_enlarger: {refusal}", file=sys.stderr)
        return 1
    print(f"wrote {options.result}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
