export { Redactor } from './redactor';
export { RedactedStream } from './stream';
export { hideSecretWords } from './words';
