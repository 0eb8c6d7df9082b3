//! scalekit-dev
