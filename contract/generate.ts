import { writeFileSync } from 'node:fs';
import { generatedFiles } from './generated-files.ts';

// Run by `npm run contract`, from the repository's root.
for (const { path, content } of await generatedFiles()) {
  writeFileSync(path, content);
  console.log(`wrote ${path}`);
}
