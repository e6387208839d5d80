import { chooseAgents } from './agents/choose';
import { answer } from './answer';
import { acceptKnown } from './check/acceptKnown';
import { commit } from './commit';
import { copyPath } from './copyPath';
import type { Command } from './define';
import { doctor } from './doctor';
import { init } from './init';
import { issueFix } from './issue/fix';
import { issueUnwaive } from './issue/unwaive';
import { issueWaive } from './issue/waive';
import { lockAskToStop } from './lock/askToStop';
import { lockShow } from './lock/show';
import { lockTakeOver } from './lock/takeOver';
import { lockWait } from './lock/wait';
import { openArtifact } from './openArtifact';
import { openConfig } from './openConfig';
import { planGenerate } from './plan/generate';
import { planImport } from './plan/import';
import { planKeep } from './plan/keep';
import { planPrompt } from './plan/prompt';
import { planApply, planReview } from './plan/review';
import { refresh } from './refresh';
import { researchGenerate } from './research/generate';
import { researchImport } from './research/import';
import { researchPrompt } from './research/prompt';
import { researchReview } from './research/review';
import { reveal } from './reveal';
import { runAbandon } from './run/abandon';
import { runContinue } from './run/continue';
import { runCopyId } from './run/copyId';
import { runStart } from './run/start';
import { runStartFromFile } from './run/startFromFile';
import { showLog } from './showLog';
import { showMoreRuns } from './showMore';
import { stepAccept } from './step/accept';
import { stepAmend } from './step/amend';
import { stepCompare } from './step/compare';
import { stepFixPrompt } from './step/fixPrompt';
import { stepLoop } from './step/loop';
import { stepOpenReview } from './step/openReview';
import { stepRestore } from './step/restore';
import { stepReview } from './step/review';
import { stepSelect } from './step/select';
import { stepShowChanges } from './step/showChanges';
import { stepSkip } from './step/skip';
import { stepSnapshot } from './step/snapshot';
import { stepStop } from './step/stop';
import { stepUnaccept } from './step/unaccept';

/** Every command of the extension; a test compares the list with the manifest. */
export const allCommands: readonly Command[] = [
  init,
  doctor,
  refresh,
  showLog,
  answer,
  chooseAgents,
  openConfig,
  openArtifact,
  copyPath,
  reveal,
  showMoreRuns,
  runStart,
  runStartFromFile,
  runContinue,
  runAbandon,
  runCopyId,
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
