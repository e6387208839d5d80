/**
 * The text that `weld.init` writes: everything that can be said, as comments where nothing needs to be. @param
 * projectName used in prompts
 */
export function defaultConfigToml(projectName?: string): string {
  return `# Settings of Weld for this repository. Share this file with your team: it is not ignored by git.
# Unknown keys are reported; "Weld: Check Setup" shows what is found.

[project]
${projectName === undefined || projectName === '' ? '# name = "my project"' : `name = ${JSON.stringify(projectName)}`}

# One command for each kind of check, run without a shell; a step passes only when all of them exit with 0.
[checks]
# test = "npm test"
# lint = "npm run lint"
# order = ["lint", "test"]
# timeout_seconds = 600

# When the loop of a step stops.
[loop]
max_iterations = 5
# False: any open issue keeps a step from passing, not only blockers.
fail_on_blockers_only = true
# Counted from each start or resume.
# max_minutes = 60
# max_cost_usd = 5.0

# What a step may not do unnoticed: block (it does not pass), ask (a person decides), warn (it is named), off.
[gate]
# tests = "warn"        # tests deleted, skipped or emptied
# scope = "warn"        # files outside the step's Changes
# protected = "ask"     # CI, hooks, what stands behind the checks
# ignored = "warn"      # ignored files that an agent or a check wrote
# protected_paths = ["deploy/**"]
# True: the checks also run before the first agent of a step, to show what failed before.
# baseline = false

# What a commit says about its run.
[git]
commit_trailer_key = "Claude-Transcript"
include_run_trailer = true

# The agents' programs, where they are not on the path under their usual names.
[claude]
# exec = "claude"
# model = "opus"

[codex]
# exec = "codex"
# sandbox = "workspace-write"

# Which agent does which task: claude, codex, replay, or manual (you; also where nothing is set).
# Tasks: research, research_review, plan_generation, plan_review, implementation, implementation_review, fix_generation, discover, interview.
[task_models]
# implementation = { provider = "claude", model = "opus" }
# implementation_review = { provider = "codex" }
`;
}
