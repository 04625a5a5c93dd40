import Imaging

extension Picture { func noiseLevel() -> Double { 0 } }
