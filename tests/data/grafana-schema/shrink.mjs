// Without the descriptions, and with open records open: a record of unknown values is written as an object without any field.
import { readFileSync } from 'node:fs';
const walk = (node) => {
  if (Array.isArray(node)) return node.map(walk);
  if (node === null || typeof node !== 'object') return node;
  const out = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === 'description' && typeof value === 'string') continue;
    out[key] = walk(value);
  }
  if (out.additionalProperties === false && !out.properties) delete out.additionalProperties;
  return out;
};
process.stdout.write(JSON.stringify(walk(JSON.parse(readFileSync(process.argv[2], 'utf8')))) + '\n');
