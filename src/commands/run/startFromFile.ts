import { COMMANDS } from '../../ids';
import type { Command } from '../define';
import { runStart } from './start';

/** The same as *Start Run*, under the name that the menus of a Markdown file show. */
export const runStartFromFile: Command = { ...runStart, id: COMMANDS.runStartFromFile };
