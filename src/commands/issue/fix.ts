import { COMMANDS } from '../../ids';
import type { Command } from '../define';
import { stepLoop } from '../step/loop';

/** *Fix in Next Iteration*: the loop goes on; its fix prompt holds every open issue of the latest iteration. */
export const issueFix: Command = { ...stepLoop, id: COMMANDS.issueFix };
