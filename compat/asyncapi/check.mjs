// Checks AsyncAPI documents with the parser of the AsyncAPI Initiative: those of
// the files that are named, or what comes in.
//
//   go run ./examples/relay --asyncapi | node check.mjs
//   node check.mjs ../../broker/asyncapi/testdata/orders.yaml
//
// Errors and warnings fail it.
import { readFileSync } from 'node:fs';
import { DiagnosticSeverity, Parser } from '@asyncapi/parser';

const parser = new Parser();
let failed = false;
for (const file of process.argv.length > 2 ? process.argv.slice(2) : [0]) {
  const name = file === 0 ? 'the document' : file;
  const { document, diagnostics } = await parser.parse(readFileSync(file, 'utf8'));
  const bad = diagnostics.filter((d) => d.severity <= DiagnosticSeverity.Warning);
  for (const d of bad) {
    console.error(`${name}: ${d.path.join('.')}: ${d.message} (${d.code})`);
  }
  if (!document || bad.length > 0) {
    failed = true;
    continue;
  }
  const messages = document.messages().all().length;
  const channels = document.channels().all().length;
  console.log(`${name} is valid AsyncAPI ${document.version()}: ${messages} messages on ${channels} channels`);
}
process.exit(failed ? 1 : 0);
