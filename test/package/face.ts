/** Reads the declarations of the package: which types its face names, and whether each can be imported from it. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Declared {
  /** The file that declares it. */
  readonly file: string;
  readonly name: string;
}

interface Declarations {
  /** Names that come from another file of the package, or that this one hands on. */
  readonly from: ReadonlyMap<string, Declared>;
  /** Names that are handed on, or declared and exported, here. */
  readonly exported: ReadonlySet<string>;
  /** What this file declares: name → text, its comments included. */
  readonly own: ReadonlyMap<string, string>;
}

const BEGINNING =
  /^(?:export )?(?:declare )?(?:abstract )?(?:interface|type|class|function|const) (\w+)/;

export class Face {
  readonly #folder: string;
  readonly #read = new Map<string, Declarations>();

  /** @param folder of the package's declarations */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The names that a program can import. */
  get names(): string[] {
    return [...this.#in('index.d.ts').exported].sort();
  }

  /** Types that a declaration of the face names and that cannot be imported from it, as `SendOptions: Preview`. */
  get hidden(): string[] {
    const face = this.names.map((name) => this.#declaredAs({ file: 'index.d.ts', name }));
    const known = new Set(face.map(keyOf));
    return face.flatMap((each) =>
      this.#namedBy(each)
        .filter((named) => !known.has(keyOf(named)))
        .map((named) => `${each.name}: ${named.name}`),
    );
  }

  /** Declarations of the package's own that do not say what they are. */
  get silent(): string[] {
    return this.names.filter((name) => {
      const text = this.#textOf(this.#declaredAs({ file: 'index.d.ts', name }));
      return text !== '' && !/^\/\*\*/m.test(text);
    });
  }

  #namedBy(declared: Declared): Declared[] {
    const { from, own } = this.#in(declared.file);
    const words = codeOf(this.#textOf(declared)).match(/(?<!typeof )\b[A-Z]\w*/g) ?? [];
    const others = [...new Set(words)].filter((word) => word !== declared.name);
    return others
      .filter((word) => from.has(word) || own.has(word))
      .map((name) => this.#declaredAs({ file: declared.file, name }));
  }

  #declaredAs({ file, name }: Declared): Declared {
    const { from, own } = this.#in(file);
    const origin = from.get(name);
    if (origin && !own.has(name)) return this.#declaredAs(origin);
    return { file, name };
  }

  #textOf({ file, name }: Declared): string {
    return this.#in(file).own.get(name) ?? '';
  }

  #in(file: string): Declarations {
    const known = this.#read.get(file);
    if (known) return known;
    const text = readFileSync(join(this.#folder, file), 'utf8');
    const from = new Map<string, Declared>();
    const exported = new Set<string>();
    const pattern = /^(import|export) (?:type )?\{([^}]*)\}(?: from '(\.[^']+)')?;/gm;
    for (const [, kind, names = '', path] of text.matchAll(pattern)) {
      for (const part of names.split(',')) {
        const [name = '', as = name] = part
          .trim()
          .replace(/^type /, '')
          .split(' as ');
        if (name === '') continue;
        if (kind === 'export') exported.add(as);
        if (path !== undefined) from.set(as, { file: declarationsAt(file, path), name });
      }
    }
    for (const [, path = ''] of text.matchAll(/^export \* from '(\.[^']+)';/gm)) {
      const handedOn = declarationsAt(file, path);
      for (const name of this.#in(handedOn).exported) {
        exported.add(name);
        from.set(name, { file: handedOn, name });
      }
    }
    const declarations = { from, exported, own: ownOf(text, exported) };
    this.#read.set(file, declarations);
    return declarations;
  }
}

/** @param exported gains what is declared and exported here */
function ownOf(text: string, exported: Set<string>): Map<string, string> {
  const own = new Map<string, string>();
  let comment = '';
  let name: string | undefined;
  let isComment = false;
  for (const line of text.split('\n')) {
    const begun = BEGINNING.exec(line)?.[1];
    isComment = isComment ? true : line.startsWith('/**');
    if (isComment) comment += `${line}\n`;
    else if (begun !== undefined) {
      name = begun;
      if (line.startsWith('export ')) exported.add(begun);
      own.set(begun, `${own.get(begun) ?? ''}${comment}${line}\n`);
    } else if (name !== undefined) own.set(name, `${own.get(name)}${line}\n`);
    if (!isComment) comment = '';
    if (isComment && line.endsWith('*/')) isComment = false;
  }
  return own;
}

/** Without comments, texts, what is private, and constructors: nobody constructs what is exported as a type. */
function codeOf(declaration: string): string {
  return declaration
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/'[^']*'|"[^"]*"/g, '')
    .replace(/^ +(?:private|constructor\().*$/gm, '');
}

function declarationsAt(file: string, path: string): string {
  return join(dirname(file), path).replace(/\.ts$/, '.d.ts');
}

function keyOf({ file, name }: Declared): string {
  return `${file} ${name}`;
}
