/** The recording that the product plays in *Try a Sample Run*. */
export { type Answer, PLAN, type Recording, sampleRecording, verdict } from '../../src/core/runs/sample/recording';
