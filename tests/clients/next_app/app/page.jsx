"use client";

import { useSearchParams } from "next/navigation";
import { Suspense, useEffect, useState } from "react";

/** Asks for a sandbox of ?release= and shows its page in a frame, as a builder of apps does. */
function Shown() {
  const release = useSearchParams().get("release");
  const [address, setAddress] = useState("");
  useEffect(() => {
    fetch(`/boxes/${release}`, { method: "POST" })
      .then((answer) => answer.json())
      .then(({ address }) => setAddress(address));
  }, [release]);
  return address ? <iframe title="preview" src={address} /> : <p>Starting</p>;
}

export default function Page() {
  return (
    <Suspense>
      <Shown />
    </Suspense>
  );
}
