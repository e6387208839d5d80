import { defineConfig } from 'eslint/config';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

// Dependencies point one way: extension -> app -> commands, views, ui, lsp -> platform -> core.
// Each zone lists what it may not reach.
const programs = {
  regex: '^(node:)?child_process$|^execa$',
  message:
    'Only src/core/process starts programs: it keeps them in a group that dies with the extension host. ' +
    'src/core/system asks the system itself.',
};
const editor = {
  regex: '^vscode$',
  message: 'src/core and src/server run without an editor: the language server, tests and tools use them too.',
};
const upward = (folders) => ({
  regex: `^(\\.\\.?/)+(${folders})(/|$)`,
  message: 'This import points up: extension, app -> commands, views, ui, lsp -> platform -> core.',
});
const supervision = {
  regex: '(^|/)process/supervision$',
  message: 'Only src/core/guard starts programs that are not ours: it stands around each of them.',
};
const zone = (files, patterns, guests = [supervision]) => ({
  files,
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [...patterns, ...guests] }] },
});

const syntax = [
  { selector: 'TSEnumDeclaration', message: 'Use a union of literals or `as const`.' },
  {
    selector: 'ImportExpression[source.value=/^(vscode|execa|(node:)?child_process)$/]',
    message: 'The boundary holds for dynamic imports too.',
  },
  { selector: 'CallExpression[callee.name="require"]', message: 'Use import.' },
];
const unbounded = {
  selector:
    'CallExpression[callee.object.name="fs"][callee.property.name=/^(readFile|readFileSync|createReadStream)$/]',
  message: 'readBounded and readBoundedNow of src/core/artifacts/bounded.ts wait for no pipe and have a limit.',
};
const built = {
  selector: ':matches(NewExpression, CallExpression)[callee.name="RegExp"]',
  message: 'Write a literal, whose run time a rule can judge, or a function that walks the text.',
};

export default defineConfig(
  { ignores: ['dist/', 'out/', '.cache/', 'node_modules/', 'media/', 'test/fixtures/'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'max-lines': ['error', { max: 300 }],
      'max-len': ['error', { code: 120, ignoreRegExpLiterals: true }],
      complexity: ['error', 15],
      eqeqeq: ['error', 'always'],
      'no-cond-assign': 'error',
      'no-empty': 'error',
      'no-irregular-whitespace': 'error',
      'no-self-compare': 'error',
      'no-unsafe-finally': 'error',
      'no-unused-private-class-members': 'error',
      'no-useless-escape': 'error',
      'no-template-curly-in-string': 'error',
      'prefer-const': 'error',
      'no-var': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Use a union of literals or `as const`.' },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'all', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNullish: false },
      ],
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/no-deprecated': 'warn',
    },
  },
  zone(['src/**/*.ts'], [programs]),
  zone(['src/server/**/*.ts'], [programs, editor, upward('commands|views|ui|platform|lsp|app|extension')]),
  zone(['src/core/**/*.ts'], [programs, editor, upward('commands|views|ui|platform|lsp|server|app|extension')]),
  zone(
    ['src/core/guard/**/*.ts'],
    [programs, editor, upward('commands|views|ui|platform|lsp|server|app|extension')],
    [],
  ),
  zone(['src/core/{process,system}/**/*.ts'], [editor, upward('commands|views|ui|platform|lsp|server|app|extension')]),
  zone(['src/platform/**/*.ts'], [programs, upward('commands|views|ui|lsp|server|app|extension')]),
  zone(
    ['src/commands/**/*.ts', 'src/views/**/*.ts', 'src/ui/**/*.ts', 'src/lsp/**/*.ts'],
    [programs, upward('server|app|extension')],
  ),
  zone(['src/app.ts', 'src/ids.ts'], [programs, upward('extension')]),
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...syntax, built, unbounded],
      'no-console': 'error',
    },
  },
  {
    // Text of strangers meets these patterns: each takes time that grows with the text, no faster.
    files: ['src/**/*.ts'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential', ignoreSticky: true, ignorePartial: false }],
    },
  },
  {
    // The rules above see literals alone. Where a pattern is put together, its parts were read by a person.
    files: [
      'src/core/git/names.ts',
      'src/core/redact/secretWords.ts',
      'src/core/runs/prompts/planPrompt.ts',
      'src/core/steps/conditions/testCases.ts',
      'src/core/steps/verdict/statements.ts',
      'src/core/util/patterns.ts',
      'src/server/plan/planPaths.ts',
    ],
    rules: { 'no-restricted-syntax': ['error', ...syntax, unbounded] },
  },
  // Only the kernel writes below /proc.
  {
    files: ['src/core/lock/identity.ts', 'src/core/system/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...syntax, built] },
  },
  {
    // Inside tests, a `!` that is wrong should fail, and mocks are often async without awaiting.
    // A table of cases is long, and one idea.
    files: ['test/**/*.{ts,mts,mjs,cjs}'],
    rules: {
      'max-lines': ['error', { max: 600 }],
      // What a test plays or expects is written as it is.
      'max-len': [
        'error',
        { code: 120, ignoreRegExpLiterals: true, ignoreStrings: true, ignoreTemplateLiterals: true },
      ],
      complexity: 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.{mjs,cjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
