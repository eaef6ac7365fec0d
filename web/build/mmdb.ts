/**
 * Writes MaxMind DB files (format 2.0, https://maxmind.github.io/MaxMind-DB/) with IPv4 below `::/96`, as readers expect.
 *
 * Only what a table of networks needs: maps of texts and 32-bit numbers, each different map once, keys written once.
 */

/** What is known of a network. Numbers are unsigned 32-bit integers. */
export type Record32 = Readonly<Record<string, string | number>>;

export interface Metadata {
  /** `database_type`, such as `GeoLite2-ASN`. */
  type: string;
  /** English description. */
  description: string;
  /** When the data was made, in seconds since the epoch. */
  buildEpoch: number;
}

const MARKER = Buffer.from("\xab\xcd\xefMaxMind.com", "latin1");
/** Between the search tree and the data. */
const SEPARATOR = 16;
const IPV4_BITS = 32;
const IPV6_BITS = 128;

/** Bits of one side of a node. 24 is the smallest of the format, and holds what half a million networks need. */
const RECORD_SIZES = [24, 32] as const;

export class MmdbWriter {
  /** Both sides of each node: 0 nothing, n > 0 the node n, n < 0 the record -n - 1. Node 0 is the root. */
  private sides = new Int32Array(1 << 16);
  private nodes = 1;
  private readonly records: Record32[] = [];
  private readonly known = new Map<string, number>();

  /** Adds a range of addresses, both ends included. Ranges must not overlap; of two that do, the later one counts. */
  add(from: bigint, to: bigint, family: 4 | 6, record: Record32): void {
    const bits = family === 4 ? IPV4_BITS : IPV6_BITS;
    if (from > to || to >> BigInt(bits) !== 0n) throw new RangeError(`${from}-${to} is no range of IPv${family}`);
    const id = -this.recordId(record) - 1;
    for (let start = from; start <= to;) {
      let free = 0;
      // The largest network that begins here and ends within the range.
      while (free < bits && (start & (1n << BigInt(free))) === 0n && start + (2n << BigInt(free)) - 1n <= to) free += 1;
      this.insert(start, IPV6_BITS - free, id);
      start += 1n << BigInt(free);
    }
  }

  /** The file's bytes. */
  finish(metadata: Metadata): Buffer {
    const root = this.merged();
    const { data, offsets } = encodeRecords(this.records);
    const size = RECORD_SIZES.find((bits) => root.nodes + SEPARATOR + data.length < 2 ** bits);
    if (size === undefined) throw new RangeError("too much data for a MaxMind DB");
    const tree = encodeTree(root, offsets, size);
    const about = encodeMetadata(metadata, root.nodes, size);
    return Buffer.concat([tree, Buffer.alloc(SEPARATOR), data, MARKER, about]);
  }

  private recordId(record: Record32): number {
    const key = JSON.stringify(record);
    let id = this.known.get(key);
    if (id === undefined) {
      id = this.records.push(record) - 1;
      this.known.set(key, id);
    }
    return id;
  }

  private insert(network: bigint, depth: number, value: number): void {
    if (depth === 0) throw new RangeError("a network of all addresses");
    const words = [96n, 64n, 32n, 0n].map((shift) => Number((network >> shift) & 0xffff_ffffn));
    let node = 0;
    for (let at = 0; at < depth; at += 1) {
      const bit = ((words[at >> 5] ?? 0) >>> (31 - (at & 31))) & 1;
      const side = 2 * node + bit;
      if (at === depth - 1) {
        this.sides[side] = value;
        return;
      }
      const next = this.sides[side] ?? 0;
      node = next > 0 ? next : this.newNode(side, next);
    }
  }

  /** A node in the place of what stood there, which it keeps on both sides. */
  private newNode(side: number, before: number): number {
    if (2 * this.nodes + 2 > this.sides.length) {
      const larger = new Int32Array(this.sides.length * 2);
      larger.set(this.sides);
      this.sides = larger;
    }
    const node = this.nodes;
    this.nodes += 1;
    this.sides.fill(before, 2 * node, 2 * node + 2);
    this.sides[side] = node;
    return node;
  }

  /** The tree without nodes whose sides say the same, renumbered in depth-first order. */
  private merged(): Tree {
    // A node is made after the one above it, so going backwards meets children first.
    const value = new Int32Array(this.nodes);
    for (let node = this.nodes - 1; node >= 0; node -= 1) {
      for (const side of [2 * node, 2 * node + 1]) {
        const child = this.sides[side] ?? 0;
        if (child > 0) this.sides[side] = value[child] ?? 0;
      }
      const left = this.sides[2 * node] ?? 0;
      value[node] = node > 0 && left <= 0 && left === this.sides[2 * node + 1] ? left : node;
    }
    const order: number[] = [];
    const place = new Int32Array(this.nodes);
    for (const stack = [0]; stack.length > 0;) {
      const node = stack.pop() ?? 0;
      place[node] = order.push(node) - 1;
      const [left, right] = [this.sides[2 * node] ?? 0, this.sides[2 * node + 1] ?? 0];
      if (right > 0) stack.push(right);
      if (left > 0) stack.push(left);
    }
    const sides = new Int32Array(order.length * 2);
    order.forEach((node, at) => {
      for (const bit of [0, 1]) {
        const child = this.sides[2 * node + bit] ?? 0;
        sides[2 * at + bit] = child > 0 ? (place[child] ?? 0) : child;
      }
    });
    return { sides, nodes: order.length };
  }
}

interface Tree {
  sides: Int32Array;
  nodes: number;
}

/** Big-endian nodes of two records: a node's number, `nodes` for nothing, or above it where the data is. */
function encodeTree({ sides, nodes }: Tree, offsets: readonly number[], size: number): Buffer {
  const width = size / 8;
  const tree = Buffer.alloc(sides.length * width);
  sides.forEach((side, at) => {
    const value = side > 0 ? side : side === 0 ? nodes : nodes + SEPARATOR + (offsets[-side - 1] ?? 0);
    tree.writeUIntBE(value, at * width, width);
  });
  return tree;
}

/** The records one after another, and where each begins. Keys stand before them, records point there. */
function encodeRecords(records: readonly Record32[]): { data: Buffer; offsets: number[] } {
  const parts: Buffer[] = [];
  let length = 0;
  const push = (part: Buffer) => {
    parts.push(part);
    length += part.length;
  };
  const keys = new Map<string, Buffer>();
  for (const key of new Set(records.flatMap((record) => Object.keys(record)))) {
    keys.set(key, pointer(length));
    push(text(key));
  }
  const offsets = records.map((record) => {
    const start = length;
    const entries = Object.entries(record);
    push(control(7, entries.length));
    for (const [key, value] of entries) {
      push(keys.get(key) ?? text(key));
      push(typeof value === "number" ? unsigned(6, value) : text(value));
    }
    return start;
  });
  return { data: Buffer.concat(parts), offsets };
}

function encodeMetadata({ type, description, buildEpoch }: Metadata, nodes: number, size: number): Buffer {
  const fields: [string, Buffer][] = [
    ["binary_format_major_version", unsigned(5, 2)],
    ["binary_format_minor_version", unsigned(5, 0)],
    ["build_epoch", unsigned(9, buildEpoch)],
    ["database_type", text(type)],
    ["description", Buffer.concat([control(7, 1), text("en"), text(description)])],
    ["ip_version", unsigned(5, 6)],
    ["languages", control(11, 0)],
    ["node_count", unsigned(6, nodes)],
    ["record_size", unsigned(5, size)],
  ];
  return Buffer.concat([control(7, fields.length), ...fields.flatMap(([key, value]) => [text(key), value])]);
}

/** The byte or bytes before a value: its type (above 7: in a byte of its own) and size. */
function control(type: number, size: number): Buffer {
  const first = (type > 7 ? 0 : type) << 5;
  const extended = type > 7 ? [type - 7] : [];
  if (size < 29) return Buffer.from([first | size, ...extended]);
  if (size < 285) return Buffer.from([first | 29, ...extended, size - 29]);
  if (size < 65_821) return Buffer.from([first | 30, ...extended, (size - 285) >> 8, (size - 285) & 0xff]);
  throw new RangeError(`a value of ${size} bytes`);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([control(2, bytes.length), bytes]);
}

/** An unsigned integer without leading zero bytes. */
function unsigned(type: number, value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.concat([control(type, bytes.length), Buffer.from(bytes)]);
}

/** To an offset below 2,048: keys stand at the front. */
function pointer(offset: number): Buffer {
  if (offset >= 2048) throw new RangeError("too many keys");
  return Buffer.from([(1 << 5) | (offset >> 8), offset & 0xff]);
}
