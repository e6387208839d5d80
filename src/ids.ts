/** The command ids, as in package.json; a unit test compares both. */
export const COMMANDS = {
  init: 'weld.init',
  doctor: 'weld.doctor',
  sample: 'weld.sample',
  refresh: 'weld.refresh',
  showLog: 'weld.showLog',
  showActivity: 'weld.showActivity',
  answer: 'weld.answer',
  chooseAgents: 'weld.agents.choose',
  listAgents: 'weld.agents.list',
  openConfig: 'weld.config.open',
  openArtifact: 'weld.openArtifact',
  copyPath: 'weld.copyPath',
  reveal: 'weld.reveal',
  showMoreRuns: 'weld.runs.showMore',

  runStart: 'weld.run.start',
  runStartFromFile: 'weld.run.startFromFile',
  runContinue: 'weld.run.continue',
  runSteps: 'weld.run.steps',
  runAbandon: 'weld.run.abandon',
  runCopyId: 'weld.run.copyId',
  runReport: 'weld.run.report',

  researchPrompt: 'weld.research.prompt',
  researchGenerate: 'weld.research.generate',
  researchImport: 'weld.research.import',
  researchReview: 'weld.research.review',

  planPrompt: 'weld.plan.prompt',
  planGenerate: 'weld.plan.generate',
  planImport: 'weld.plan.import',
  planReview: 'weld.plan.review',
  planApply: 'weld.plan.apply',
  planKeep: 'weld.plan.keep',

  stepSelect: 'weld.step.select',
  stepLoop: 'weld.step.loop',
  stepStop: 'weld.step.stop',
  stepSnapshot: 'weld.step.snapshot',
  stepReview: 'weld.step.review',
  stepFixPrompt: 'weld.step.fixPrompt',
  stepSkip: 'weld.step.skip',
  stepAccept: 'weld.step.accept',
  stepUnaccept: 'weld.step.unaccept',
  stepAmend: 'weld.step.amend',
  stepRestore: 'weld.step.restore',
  stepShowChanges: 'weld.step.showChanges',
  stepCompare: 'weld.step.compare',
  stepOpenReview: 'weld.step.openReview',

  checkAcceptKnown: 'weld.check.acceptKnown',

  issueWaive: 'weld.issue.waive',
  issueUnwaive: 'weld.issue.unwaive',
  issueFix: 'weld.issue.fix',

  commit: 'weld.commit',

  lockShow: 'weld.lock.show',
  lockWait: 'weld.lock.wait',
  lockAskToStop: 'weld.lock.askToStop',
  lockTakeOver: 'weld.lock.takeOver',
} as const;
export type CommandId = (typeof COMMANDS)[keyof typeof COMMANDS];

export const VIEWS = { container: 'weld', runs: 'weld.runs' } as const;

/** Status bar items; the workbench calls them `weld.weld.<id>`. */
export const STATUS = { lock: 'weld.lock', stop: 'weld.stop', answer: 'weld.answer' } as const;

export const CONTEXTS = {
  /**
   * Which welcome the Runs view shows: `noFolder`, `untrusted`, `noRepository`, `gitMissing`, `unsafe`, `failed`,
   * `uninitialised`, `empty` or `ready`. Unset while Weld starts.
   */
  state: 'weld.state',
  /** This window holds the lock of one of its repositories, so the editor offers Stop. */
  busy: 'weld.busy',
  /** Another process holds the lock or left it behind, so the editor offers Wait, Ask to Stop and Take Over. */
  heldElsewhere: 'weld.heldElsewhere',
  /** The manual agent waits for an answer. */
  answerWanted: 'weld.answerWanted',
} as const;

export const SETTINGS = {
  section: 'weld',
  saveBeforeRun: 'saveBeforeRun',
  announceEnd: 'announceEnd',
  offerResume: 'offerResume',
} as const;

/** Read-only files of a git tree, for the diff editor. */
export const TREE_SCHEME = 'weld-tree';
/** Read-only documents without a file, such as a prompt for the person. */
export const TEXT_SCHEME = 'weld-text';

export const LOG_CHANNEL = 'Weld';
export const ACTIVITY_CHANNEL = 'Weld Activity';
export const DIAGNOSTIC_SOURCE = 'Weld';
