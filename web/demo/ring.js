// The sound of a call that comes in: two notes, every two seconds.

const NOTES = [660, 880]; // hertz
const PERIOD = 2000; // milliseconds
const LOUDNESS = 0.08;

/** Rings until the function that it returns is called. @returns {() => void} */
export function ring() {
  const context = new AudioContext();
  const play = () => {
    NOTES.forEach((frequency, i) => {
      const start = context.currentTime + i * 0.22;
      const tone = new OscillatorNode(context, { frequency });
      const volume = new GainNode(context, { gain: 0 });
      volume.gain.setTargetAtTime(LOUDNESS, start, 0.02);
      volume.gain.setTargetAtTime(0, start + 0.16, 0.06);
      tone.connect(volume).connect(context.destination);
      tone.start(start);
      tone.stop(start + 0.6);
    });
  };
  play();
  const timer = setInterval(play, PERIOD);
  return () => {
    clearInterval(timer);
    context.close();
  };
}
