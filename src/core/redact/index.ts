export { RedactedStream, Redactor } from './redactor';
export { hideSecretWords } from './secretWords';
