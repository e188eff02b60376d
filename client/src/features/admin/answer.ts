import { asProblem, type Problem } from "@core/api/problem";
import { overtaken } from "@core/saving";
import { useState } from "react";

/** What a form was told last, of a save and of a deletion alike; `onChanged`: somebody else has saved meanwhile. */
export function useAnswer(onChanged: () => void) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [said, say] = useState("");
  return {
    problem,
    said,
    say,
    accept: () => setProblem(null),
    refuse: (error: unknown) => {
      const failed = asProblem(error);
      setProblem(failed);
      say("");
      if (overtaken(failed)) onChanged();
      return failed;
    },
  };
}
