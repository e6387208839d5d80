import { chooseAgents, listAgents } from './agents';
import { commit } from './commit';
import type { Command } from './define';
import { copyPath, openArtifact, reveal } from './fileCommands';
import { acceptKnown, issueFix, issueUnwaive, issueWaive } from './issue';
import { lockAskToStop, lockShow, lockTakeOver, lockWait } from './lock';
import { planApply, planGenerate, planImport, planKeep, planPrompt, planReview } from './plan';
import { runReport } from './report';
import { researchGenerate, researchImport, researchPrompt, researchReview } from './research';
import { runAbandon, runContinue, runCopyId, runStart, runStartFromFile } from './run';
import { sample } from './sample';
import { doctor, init } from './setup';
import { stepAccept, stepAmend, stepSelect, stepSkip, stepUnaccept } from './step/decide';
import { stepCompare, stepOpenReview, stepShowChanges } from './step/inspect';
import { stepLoop, stepStop } from './step/loop';
import { stepFixPrompt, stepReview, stepSnapshot } from './step/phases';
import { runRemaining } from './step/remaining';
import { stepRestore } from './step/restore';
import { answer, openConfig, refresh, showActivity, showLog, showMoreRuns } from './windowCommands';

/** Every command of the extension; a test compares this list with package.json. */
export const allCommands: readonly Command[] = [
  init,
  doctor,
  sample,
  refresh,
  showLog,
  showActivity,
  answer,
  chooseAgents,
  listAgents,
  openConfig,
  openArtifact,
  copyPath,
  reveal,
  showMoreRuns,
  runStart,
  runStartFromFile,
  runContinue,
  runRemaining,
  runAbandon,
  runCopyId,
  runReport,
  researchPrompt,
  researchGenerate,
  researchImport,
  researchReview,
  planPrompt,
  planGenerate,
  planImport,
  planReview,
  planApply,
  planKeep,
  stepSelect,
  stepLoop,
  stepStop,
  stepSnapshot,
  stepReview,
  stepFixPrompt,
  stepSkip,
  stepAccept,
  stepUnaccept,
  stepAmend,
  stepRestore,
  stepShowChanges,
  stepCompare,
  stepOpenReview,
  acceptKnown,
  issueWaive,
  issueUnwaive,
  issueFix,
  commit,
  lockShow,
  lockWait,
  lockAskToStop,
  lockTakeOver,
];

export { execute } from './execute';
