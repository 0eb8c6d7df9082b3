//! scalekit-auth-native
